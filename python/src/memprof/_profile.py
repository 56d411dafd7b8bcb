"""The decorator: calls of a function as sections."""

import functools
import inspect
from typing import Any, Callable, Optional, TypeVar, Union, cast, overload

from memprof._sections import is_active, section

F = TypeVar("F", bound=Callable[..., Any])


def _name(func: Callable[..., Any]) -> str:
    name: str = getattr(func, "__qualname__", repr(func))
    module = getattr(func, "__module__", None)
    return name if module in (None, "__main__") else "%s.%s" % (module, name)


def _coroutine(func: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(func)
    async def call(*args: Any, **kwargs: Any) -> Any:
        with section(name):
            return await func(*args, **kwargs)

    return call


def _generator(func: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with section(name):
            return (yield from func(*args, **kwargs))

    return call


def _async_generator(func: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(func)
    async def call(*args: Any, **kwargs: Any) -> Any:
        with section(name):
            inner = func(*args, **kwargs)
            step = inner.__anext__()
            try:
                while True:
                    try:
                        item = await step
                    except StopAsyncIteration:
                        return
                    try:
                        step = inner.asend((yield item))
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        step = inner.athrow(error)
            finally:
                await inner.aclose()

    return call


def _plain(func: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with section(name):
            return func(*args, **kwargs)

    return call


def _wrap(func: Any) -> Any:
    if isinstance(func, (classmethod, staticmethod)):
        return type(func)(_wrap(func.__func__))
    if not callable(func):
        raise TypeError("profile() takes a function, not %r" % (func,))
    name = _name(func)
    if inspect.iscoroutinefunction(func):
        return _coroutine(func, name)
    if inspect.isasyncgenfunction(func):
        return _async_generator(func, name)
    if inspect.isgeneratorfunction(func):
        return _generator(func, name)
    return _plain(func, name)


@overload
def profile(func: F) -> F: ...


@overload
def profile(
    func: None = None,
    stream: Any = None,
    precision: int = 1,
    backend: str = "psutil",
) -> Callable[[F], F]: ...


def profile(
    func: Optional[F] = None,
    stream: Any = None,
    precision: int = 1,
    backend: str = "psutil",
) -> Union[F, Callable[[F], F]]:
    """Mark the calls of a function, as memory_profiler's decorator does.

    Each call is a section() named MODULE.FUNCTION, or FUNCTION in the main
    module. Of a coroutine it lasts from the first step to the last, of a
    generator from the first item until it ends or is closed; what runs
    meanwhile elsewhere falls into it. ``memprof annotate TRACE FUNCTION``
    shows the lines, of any other function too.

    The arguments but the first are memory_profiler's and mean nothing here.
    Without memprof in the process the function is returned as it is.
    """

    def decorate(func: F) -> F:
        return cast(F, _wrap(func)) if is_active() else func

    return decorate if func is None else decorate(func)


def install_builtin() -> None:
    """Make ``@profile`` work without an import, where nothing has that name."""
    import builtins

    vars(builtins).setdefault("profile", profile)
