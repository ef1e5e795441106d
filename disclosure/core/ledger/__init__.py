"""The ledger: a table protected together with everything that was released before it. Pure, like the core around it."""
