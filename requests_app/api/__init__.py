"""The REST API, version 1: for machines of a state that draft and read in a named person's name.

The same table of routes, services and policies as the pages. Signing, opening data and confirming destruction are not
here: they need the browser and a fresh second factor.
"""
