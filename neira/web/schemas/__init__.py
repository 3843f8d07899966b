"""What routes take and answer, as marshmallow schemas: `asks` is enforced, `answers` is documentation."""
