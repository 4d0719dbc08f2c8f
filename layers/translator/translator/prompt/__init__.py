"""What every dialect needs to tell a request: effort, tools, schemas, ids, content."""
