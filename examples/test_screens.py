"""Several screens: a window moves between them, follows their scale, and survives when one is unplugged."""


def test_a_window_draws_as_many_pixels_as_the_screen_has(compositor, demo):
    second = compositor.add_output(1280, 960, scale=2)
    window = demo("textpad", "--size", "300x300").window()
    info = second.info
    window.move(info["x"] + 50, info["y"] + 50)
    # The picture of a window has the pixels of its screen: two for each of its own.
    width = window.geometry.width
    window.wait_for_pixels(lambda image: image.shape[1] == 2 * width)


def test_unplugging_a_screen_brings_its_windows_back(compositor, demo):
    second = compositor.add_output(800, 600)
    window = demo("paint").window()
    window.move(second.info["x"] + 10, 10)
    second.remove()
    compositor.wait_idle()
    assert 1 == len(compositor.outputs)
    x, y, *_ = window.geometry
    width, height = compositor.output.mode
    assert 0 <= x < width and 0 <= y < height


def test_a_click_draws_where_it_went(compositor, demo):
    window = demo("paint", "--size", "400x300").window()
    before = window.screenshot()
    window.drag((100, 150), (300, 150))
    window.wait_for_pixels(lambda image: (image[140:160, 120:280] != before[140:160, 120:280]).any())
