"""Edgeway on AWS, as the command line sees it. Only what works on a stack imports this, since boto3 is slow to load."""
