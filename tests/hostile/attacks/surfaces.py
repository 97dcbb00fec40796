"""Roles, trees, sizes and the order of things."""

from __future__ import annotations

from itertools import pairwise

from hostile.registry import UNHARMED, Enemy, attack
from support.pixels import Buffer
from support.windows import Popup, Toplevel, positioner

BIG = 2**31 - 1
SMALL = -(2**31)


@attack("a surface with two roles", "wl_subcompositor.bad_surface", "xdg_wm_base.role")
def two_roles(enemy: Enemy) -> None:
    client = enemy.client
    window, other = Toplevel(client), client.get("wl_compositor").create_surface()
    client.get("wl_subcompositor").get_subsurface(window.surface, other)


@attack("a surface that is its own parent", "wl_subcompositor.bad_surface", "wl_subcompositor.bad_parent")
def own_parent(enemy: Enemy) -> None:
    surface = enemy.client.get("wl_compositor").create_surface()
    enemy.client.get("wl_subcompositor").get_subsurface(surface, surface)


@attack("surfaces in a circle", "wl_subcompositor.bad_parent", "wl_subcompositor.bad_surface")
def circle(enemy: Enemy) -> None:
    compositor, subcompositor = enemy.client.get("wl_compositor"), enemy.client.get("wl_subcompositor")
    ring = [compositor.create_surface() for _ in range(5)]
    for parent, child in pairwise(ring):
        subcompositor.get_subsurface(child, parent)
    subcompositor.get_subsurface(ring[0], ring[-1])


@attack("a tree of two thousand levels", "wl_display.implementation", UNHARMED)
def deep(enemy: Enemy) -> None:
    compositor, subcompositor = enemy.client.get("wl_compositor"), enemy.client.get("wl_subcompositor")
    surfaces = [compositor.create_surface() for _ in range(2000)]
    for parent, child in pairwise(surfaces):
        subcompositor.get_subsurface(child, parent)


@attack("a tree put together from below", "wl_display.implementation", UNHARMED)
def deep_from_below(enemy: Enemy) -> None:
    compositor, subcompositor = enemy.client.get("wl_compositor"), enemy.client.get("wl_subcompositor")
    surfaces = [compositor.create_surface() for _ in range(500)]
    for parent, child in reversed(list(pairwise(surfaces))):
        subcompositor.get_subsurface(child, parent)
    surfaces[0].commit()


@attack("parents destroyed before their children")
def parents_first(enemy: Enemy) -> None:
    compositor, subcompositor = enemy.client.get("wl_compositor"), enemy.client.get("wl_subcompositor")
    window = Toplevel(enemy.client).show()
    surfaces = [window.surface, *(compositor.create_surface() for _ in range(20))]
    for parent, child in pairwise(surfaces):
        subcompositor.get_subsurface(child, parent)
        child.attach(Buffer(enemy.client, 4, 4), 0, 0)
        child.commit()
    window.surface.commit()
    for surface in surfaces[1:]:
        surface.destroy()
    enemy.client.roundtrip()


@attack("siblings that are none", "wl_subsurface.bad_surface")
def false_sibling(enemy: Enemy) -> None:
    compositor, subcompositor = enemy.client.get("wl_compositor"), enemy.client.get("wl_subcompositor")
    a, b, c = (compositor.create_surface() for _ in range(3))
    subcompositor.get_subsurface(a, b).place_above(c)


@attack(
    "a window destroyed before its role",
    "wl_surface.defunct_role_object",
    "xdg_wm_base.defunct_surfaces",
    UNHARMED,
)
def surface_first(enemy: Enemy) -> None:
    Toplevel(enemy.client).show().surface.destroy()


@attack(
    "an xdg_surface destroyed before its window",
    "xdg_surface.defunct_role_object",
    "xdg_wm_base.defunct_surfaces",
)
def xdg_surface_first(enemy: Enemy) -> None:
    Toplevel(enemy.client).show().xdg_surface.destroy()


@attack("a shell destroyed before its windows", "xdg_wm_base.defunct_surfaces")
def shell_first(enemy: Enemy) -> None:
    Toplevel(enemy.client).show()
    enemy.client.get("xdg_wm_base").destroy()


@attack("a buffer before the first configure", "xdg_surface.unconfigured_buffer")
def unconfigured(enemy: Enemy) -> None:
    window = Toplevel(enemy.client)
    window.attach(Buffer(enemy.client, 8, 8))


@attack("a configure acknowledged that was never sent", "xdg_surface.invalid_serial")
def false_serial(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    window.xdg_surface.ack_configure(0xFFFF_FFF0)


@attack("a configure acknowledged twice", "xdg_surface.invalid_serial", UNHARMED)
def twice_acked(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    window.ack().ack()


@attack("an xdg_surface without a role", "xdg_surface.invalid_serial")
def no_role(enemy: Enemy) -> None:
    client = enemy.client
    surface = client.get("wl_compositor").create_surface()
    client.get("xdg_wm_base").get_xdg_surface(surface).ack_configure(1)


@attack("a window geometry of nothing", "xdg_surface.invalid_size")
def no_geometry(enemy: Enemy) -> None:
    Toplevel(enemy.client).xdg_surface.set_window_geometry(0, 0, 0, -1)


@attack("a window smaller than its least size", "xdg_toplevel.invalid_size")
def sizes_crossed(enemy: Enemy) -> None:
    window = Toplevel(enemy.client)
    window.toplevel.set_min_size(500, 500)
    window.toplevel.set_max_size(10, 10)
    window.surface.commit()


@attack("windows that are each other's parents", "xdg_toplevel.invalid_parent", UNHARMED)
def parents_in_a_circle(enemy: Enemy) -> None:
    a, b = Toplevel(enemy.client).show(16, 16), Toplevel(enemy.client).show(16, 16)
    a.toplevel.set_parent(b.toplevel)
    b.toplevel.set_parent(a.toplevel)


@attack("a popup without rules", "xdg_wm_base.invalid_positioner")
def no_rules(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    Popup(enemy.client, window, enemy.client.get("xdg_wm_base").create_positioner())


@attack("popups on popups without end", "xdg_wm_base.invalid_popup_parent", UNHARMED)
def popups(enemy: Enemy) -> None:
    below: Toplevel | Popup = Toplevel(enemy.client).show()
    for _ in range(100):
        below = Popup(enemy.client, below)


@attack("a popup destroyed below another", "xdg_wm_base.not_the_topmost_popup", UNHARMED)
def lower_popup_first(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    lower = Popup(enemy.client, window).show()
    Popup(enemy.client, lower).show()
    lower.popup.destroy()
    lower.xdg_surface.destroy()


@attack("a positioner with an anchor at the end of the world")
def far_popup(enemy: Enemy) -> None:
    client = enemy.client
    window = Toplevel(client).show()
    rules = positioner(client, BIG, BIG, (SMALL, SMALL, BIG, BIG))
    rules.set_offset(BIG, SMALL)
    rules.set_constraint_adjustment(63)
    Popup(client, window, rules).surface.commit()


@attack("scale 0", "wl_surface.invalid_scale")
def no_scale(enemy: Enemy) -> None:
    Toplevel(enemy.client).surface.set_buffer_scale(0)


@attack("a scale that divides by nothing", "wl_surface.invalid_size", UNHARMED)
def great_scale(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    window.surface.set_buffer_scale(BIG)
    window.attach(Buffer(enemy.client, 8, 8))


@attack("a transform that is none", "wl_surface.invalid_transform")
def no_transform(enemy: Enemy) -> None:
    Toplevel(enemy.client).surface.set_buffer_transform(99)


@attack("an offset at attach", "wl_surface.invalid_offset", UNHARMED)
def offset(enemy: Enemy) -> None:
    Toplevel(enemy.client).show().surface.attach(Buffer(enemy.client, 8, 8), SMALL, BIG)


@attack("damage at the end of the world")
def far_damage(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    for x, y, width, height in (
        (SMALL, SMALL, BIG, BIG),
        (BIG, BIG, BIG, BIG),
        (-1, -1, BIG, BIG),
        (0, 0, -5, 5),
    ):
        window.surface.damage(x, y, width, height)
        window.surface.damage_buffer(x, y, width, height)
        window.surface.commit()
    enemy.client.roundtrip()


@attack("regions at the end of the world")
def far_regions(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    region = enemy.client.get("wl_compositor").create_region()
    for x, y, width, height in ((SMALL, SMALL, BIG, BIG), (BIG, BIG, BIG, BIG), (0, 0, -1, -1)):
        region.add(x, y, width, height)
        region.subtract(y, x, width, height)
        window.surface.set_opaque_region(region)
        window.surface.set_input_region(region)
        window.surface.commit()


@attack("a viewport outside its buffer", "wp_viewport.out_of_buffer")
def viewport(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    view = enemy.client.get("wp_viewporter").get_viewport(window.surface)
    view.set_source(0.0, 0.0, 1e6, 1e6)
    window.attach(Buffer(enemy.client, 8, 8))


@attack("a window of two billion pixels' side", UNHARMED)
def vast(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).start()
    enemy.client.get("wp_viewporter").get_viewport(window.surface).set_destination(BIG, BIG)
    window.surface.set_input_region(enemy.client.get("wl_compositor").create_region())
    window.attach(Buffer(enemy.client, 1, 1))
    enemy.client.roundtrip()
    window.destroy()


@attack("two viewports of one surface", "wp_viewporter.viewport_exists")
def two_viewports(enemy: Enemy) -> None:
    surface = enemy.client.get("wl_compositor").create_surface()
    for _ in range(2):
        enemy.client.get("wp_viewporter").get_viewport(surface)


@attack("a subsurface far away from its parent")
def far_subsurface(enemy: Enemy) -> None:
    client = enemy.client
    window = Toplevel(client).show()
    child = client.get("wl_compositor").create_surface()
    role = client.get("wl_subcompositor").get_subsurface(child, window.surface)
    for x, y in ((BIG, BIG), (SMALL, SMALL)):
        role.set_position(x, y)
        child.attach(Buffer(client, 4, 4), 0, 0)
        child.commit()
        window.surface.commit()
    client.roundtrip()


@attack("a cursor that is a window", "wl_pointer.role", UNHARMED, standard=False)
def cursor_window(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show()
    pointer = enemy.client.get("wl_seat").get_pointer()
    pointer.set_cursor(0, window.surface, 0, 0)


@attack("a drag without a button held")
def false_drag(enemy: Enemy) -> None:
    client = enemy.client
    window = Toplevel(client).show()
    manager = client.get("wl_data_device_manager")
    device = manager.get_data_device(client.get("wl_seat"))
    device.start_drag(manager.create_data_source(), window.surface, None, 0)
    device.set_selection(manager.create_data_source(), 0)


@attack(
    "two decorations of one window",
    "zxdg_decoration_manager_v1.already_constructed",
    "zxdg_toplevel_decoration_v1.already_constructed",
    standard=False,
)
def two_decorations(enemy: Enemy) -> None:
    window = Toplevel(enemy.client)
    for _ in range(2):
        enemy.client.get("zxdg_decoration_manager_v1").get_toplevel_decoration(window.toplevel)


@attack("single pixels out of range")
def pixels(enemy: Enemy) -> None:
    manager = enemy.client.get("wp_single_pixel_buffer_manager_v1")
    window = Toplevel(enemy.client).start()
    window.surface.attach(manager.create_u32_rgba_buffer(0xFFFF_FFFF, 0, 0xFFFF_FFFF, 1), 0, 0)
    window.surface.commit()
