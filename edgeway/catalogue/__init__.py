"""The generator of the catalogue's data files, run by `make catalogue`."""
