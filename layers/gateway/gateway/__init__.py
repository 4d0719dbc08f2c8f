"""Everything of Edgeway that does IO: keys, routing, upstream calls, the ledger, observation."""
