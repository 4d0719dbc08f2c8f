"""The sub-commands of `edgeway`, and what they share: options, tables, and where a command works."""
