"""The keys of the providers in SSM Parameter Store, where the functions read them."""

from __future__ import annotations

from typing import Any


def put_provider_key(ssm: Any, path: str, variable: str, key: str) -> str:
    """Write a key, in place of one that is there, and return the name of its parameter."""
    name = path + variable
    ssm.put_parameter(Name=name, Value=key, Type="SecureString", Overwrite=True)
    return name


def delete_provider_keys(ssm: Any, path: str) -> list[str]:
    """Delete every parameter below the path, and return their names."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path)
    names = [parameter["Name"] for page in pages for parameter in page["Parameters"]]
    for name in names:
        ssm.delete_parameter(Name=name)
    return names
