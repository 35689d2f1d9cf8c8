"""What tests of the sandbox share: jails, attacks and programs that are judged."""
