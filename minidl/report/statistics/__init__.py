"""Statistics of studies whose unit is the seed: intervals, tests, power, paired effects."""
