"""Runs the handler under AWS's own runtime interface client, with sys.path in the order of Lambda's image."""

import os
import runpy
import site
import sys

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
ROOTS = [TASK_ROOT, "/opt/python/lib/python3.13/site-packages", "/opt/python"]

sys.path[:1] = ROOTS  # in place of this file's own folder
for root in ROOTS:
    site.addsitedir(root)
sys.path.append(os.environ["LAMBDA_RUNTIME_DIR"])
sys.argv = [TASK_ROOT, os.environ["_HANDLER"]]
runpy.run_module("awslambdaric", run_name="__main__")
