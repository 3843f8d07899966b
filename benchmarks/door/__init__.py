"""What `benchmarks.events` is made of: clients, servers, a scene, and clocks around the stages."""
