"""Applications, decisions, trials and audits: what was reviewed, by whom, and where each use stands."""
