//! The gRPC contract as generated code, and conversions to and from the model.
