"""What the server costs beside the engine alone, on real photos, with keys, gate and durable ledger on."""
