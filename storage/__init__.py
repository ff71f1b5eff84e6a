"""What flowed, remembered: tables, migrations, writers, readers, retention. The only folder that knows SQLAlchemy."""
