"""The command line's calls to AWS. Only commands that work on a stack import this, since boto3 is slow to load."""
