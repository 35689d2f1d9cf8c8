"""What tests share: servers, programs and records to test with."""
