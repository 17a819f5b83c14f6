"""Claims to see happen: what a paper says, what a small budget shows, and whether it came out.

To add a claim, give it a line in `CLAIMS`.
"""

from gatescope.experiments.claims.base import (
    Budget,
    Claim,
    ClaimResult,
    Place,
    Published,
)
from gatescope.experiments.claims.entries import CLAIMS, ClaimConfig, claim_of, measure_untrained
from gatescope.experiments.claims.judging import Part, Verdict, verdict_of
from gatescope.experiments.claims.storage import load_claim, save_claim

__all__ = [
    "CLAIMS",
    "Budget",
    "Claim",
    "ClaimConfig",
    "ClaimResult",
    "Part",
    "Place",
    "Published",
    "Verdict",
    "claim_of",
    "load_claim",
    "measure_untrained",
    "save_claim",
    "verdict_of",
]
