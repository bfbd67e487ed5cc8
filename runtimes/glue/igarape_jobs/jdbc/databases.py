"""Which driver speaks to an address; what goes wrong on the way is told in the database's own words."""

from contextlib import contextmanager

from igarape_jobs.jdbc.addresses import Address


class DatabaseError(Exception):
    """What the driver or its database refused."""


@contextmanager
def connected(address: Address):
    """A connection that is closed again; what was not committed is undone by that."""
    with told():
        database = opened(address)
        try:
            yield database
        finally:
            database.close()


def opened(address: Address):
    if address.dialect == "postgresql":
        from igarape_jobs.jdbc.postgres import Postgres

        return Postgres(address)
    from igarape_jobs.jdbc.mysql import MySql

    return MySql(address)


@contextmanager
def told():
    import pymysql
    from pg8000 import exceptions

    try:
        yield
    except exceptions.DatabaseError as error:
        detail = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        raise DatabaseError(detail.get("M") or str(error)) from error
    except (exceptions.InterfaceError, OSError) as error:
        raise DatabaseError(str(error)) from error
    except pymysql.MySQLError as error:
        raise DatabaseError(str(error.args[-1] if error.args else error)) from error
