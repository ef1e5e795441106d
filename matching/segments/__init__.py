"""Match segments: files below `SEGMENT_ROOT` made from the wage store, mapped into memory by whoever matches.

They hold person ids and tokens, no SSN; folder and files are the worker's and loader's alone. PostgreSQL stays the
truth: every file is named in `wages.segment` by the transaction that made it count, is checked when it is opened, and
can be made again, byte for byte (`rebuild_segments`).
"""
