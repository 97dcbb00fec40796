"""What is expected of the CPU renderer, expected of the GL renderer: the same tests, another `renderer`."""

import pytest
from test_cpu import (  # noqa: F401
    test_a_content_of_another_size_does_no_harm,
    test_a_frame_shows_what_the_client_has_written_since,
    test_a_promised_opaque_area_is_drawn_opaque,
    test_a_solid_colour_fills_its_place,
    test_a_source_rectangle_is_counted_after_the_transform_is_undone,
    test_a_transform_puts_each_buffer_pixel_where_the_protocol_says,
    test_blending_is_premultiplied_over,
    test_buffers_beyond_the_limits_of_pixman_are_drawn,
    test_colours_beyond_their_alpha_saturate_and_spoil_no_other_channel,
    test_contents_may_be_swapped_between_frames,
    test_every_format_is_read_in_its_channel_order,
    test_formats_blend_by_the_alpha_they_have,
    test_no_damage_is_no_work,
    test_pixels_outside_the_damage_are_not_touched,
    test_rows_and_pixels_may_lie_at_odd_addresses,
    test_scaling_a_part_shows_nothing_of_what_lies_around_it,
    test_scaling_reads_bilinearly_at_pixel_centres,
    test_shrinking_along_one_axis_leaves_the_other_sharp,
    test_shrinking_averages_instead_of_skipping,
    test_shrinking_by_eight_is_the_mean_of_eight_by_eight,
    test_the_background_shows_where_no_node_is,
    test_what_a_renderer_keeps_dies_with_the_content,
)

pytestmark = pytest.mark.needs_gl
