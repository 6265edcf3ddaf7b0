"""Evidence for validation: what an auditor asks for, gathered, written once and sealed."""
