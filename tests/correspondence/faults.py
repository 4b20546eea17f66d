"""Faults inside the database, as a process that dies in the middle, or a row that cannot be changed, would be."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def refused(table: str, change: str, condition: str = "true") -> Iterator[None]:
    """While the block lasts, each such change (UPDATE or DELETE) of a row of the table raises, where the row fits."""
    row = "OLD" if change == "DELETE" else "NEW"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {condition} THEN
                    RAISE EXCEPTION 'this row cannot be changed';
                END IF;
                RETURN {row};
            END $$;
            CREATE TRIGGER refuse_change BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();
            """
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET CONSTRAINTS ALL IMMEDIATE; DROP TRIGGER refuse_change ON {table}; DROP FUNCTION refuse_change"
        )
