"""The probe: who can reach whom around a daemon, and why not."""
