"""Files that come in. One file a source with its column table, one registry, one way from file to tables.

A file is read once and checked row by row (`reading`), sorted by order in a scratch file beside it (`scratch`), decided
order by order (`deciding`), looked at by a person, and only then written in batches that only go forward (`publishing`).
"""
