"""What a rule can send to: one small class a kind, which names the target and lets the rule reach it."""
