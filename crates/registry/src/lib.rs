//! Registry snapshots: institutions from ROR, places from GeoNames, and the policies that go with them.
