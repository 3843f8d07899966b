"""What routes take and what they answer, as marshmallow schemas: `asks` is enforced, `answers` is documentation."""
