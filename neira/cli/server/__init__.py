"""What gunicorn loads when `neira serve` starts it: its settings and the application."""
