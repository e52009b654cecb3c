"""What the routers call: one service object, its data folder, its runs, its executor."""
