"""Files that come in. One file a source with its column table, one registry, one way from file to tables.

A file of orders is read, checked and decided column by column (`by_column`); where rows of one order stand far apart, or
the rows must tell how they are read, row by row (`reading`) and sorted by order in a scratch file beside it (`scratch`,
`deciding`). What is decided waits there in batches, is looked at by a person, and only then written, batch by batch, ever
forward (`publishing`).
"""
