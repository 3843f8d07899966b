"""What the benchmarks share: the work to do, rounds that alternate, and tables with targets."""
