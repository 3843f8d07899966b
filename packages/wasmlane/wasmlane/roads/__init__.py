"""Two ways to drive the engine, and the choice between them."""

from wasmlane.roads.choice import road_for
from wasmlane.roads.protocol import Instance, Plan, Road

__all__ = ["Instance", "Plan", "Road", "road_for"]
