//! What every service shares: configuration, telemetry, health, deadlines, shutdown.
