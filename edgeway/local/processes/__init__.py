"""The processes of a server: how they are started, told what to do, replaced and stopped."""
