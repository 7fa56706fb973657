-- Records of a kind, and the last of each system, without reading the whole ledger.
CREATE INDEX ledger_kind ON ledger (kind, system, seq);
