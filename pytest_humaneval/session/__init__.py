"""Everything that knows pytest, but for the plugin's entry point and the suite that users import."""
