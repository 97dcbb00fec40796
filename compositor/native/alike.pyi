from typing import Generic, TypeVar

T = TypeVar("T")

class Alike(Generic[T]):
    def __init__(self, cls: type[T]) -> None: ...
    def make(self, one: T) -> T: ...
