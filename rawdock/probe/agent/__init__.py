"""The probe agent: one small static Linux program per processor, its source beside it."""
