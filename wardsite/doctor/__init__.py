"""The doctor: what is wrong with a site, since when, and what to do; it changes nothing.

Each check is a function that returns findings, in one of these files: `machine` (disk, memory,
time, permissions, jobs), `data` (database, backups, accounts, footer), `centre` (sync, key, feeds),
`outside` (what visitors get: name, addresses, certificate, headers). `examination` is the list.
"""
