"""Signatures of the wlroots family and of KDE's, which pywayland does not have, written from their XML.

One line per message: ``>`` a request, ``<`` an event, the version that brought it where not 1, the
name, and the arguments as the letters of wl_message with interface names.
"""

from __future__ import annotations

WLR = """
org_kde_kwin_server_decoration_manager 1
> create n:org_kde_kwin_server_decoration o:wl_surface
< default_mode u

org_kde_kwin_server_decoration 1
> release
> request_mode u
< mode u

zwlr_screencopy_manager_v1 3
> capture_output n:zwlr_screencopy_frame_v1 i o:wl_output
> capture_output_region n:zwlr_screencopy_frame_v1 i o:wl_output i i i i
> destroy

zwlr_screencopy_frame_v1 3 error: already_used=0 invalid_buffer=1
> copy o:wl_buffer
> destroy
> 2 copy_with_damage o:wl_buffer
< buffer u u u u
< flags u
< ready u u u
< failed
< 2 damage u u u u
< 3 linux_dmabuf u u u
< 3 buffer_done

zwlr_layer_shell_v1 5 error: role=0 invalid_layer=1 already_constructed=2
> get_layer_surface n:zwlr_layer_surface_v1 o:wl_surface ?o:wl_output u s
> 3 destroy

zwlr_layer_surface_v1 5 error: invalid_surface_state=0 invalid_size=1 invalid_anchor=2 \
invalid_keyboard_interactivity=3 invalid_exclusive_edge=4
> set_size u u
> set_anchor u
> set_exclusive_zone i
> set_margin i i i i
> set_keyboard_interactivity u
> get_popup o:xdg_popup
> ack_configure u
> destroy
> 2 set_layer u
> 5 set_exclusive_edge u
< configure u u u
< closed

zwlr_foreign_toplevel_manager_v1 3
> stop
< toplevel n:zwlr_foreign_toplevel_handle_v1
< finished

zwlr_foreign_toplevel_handle_v1 3 error: invalid_rectangle=0
> set_maximized
> unset_maximized
> set_minimized
> unset_minimized
> activate o:wl_seat
> close
> set_rectangle o:wl_surface i i i i
> destroy
> 2 set_fullscreen ?o:wl_output
> 2 unset_fullscreen
< title s
< app_id s
< output_enter o:wl_output
< output_leave o:wl_output
< state a
< done
< closed
< 3 parent ?o:zwlr_foreign_toplevel_handle_v1

zwlr_output_manager_v1 4
> create_configuration n:zwlr_output_configuration_v1 u
> stop
< head n:zwlr_output_head_v1
< done u
< finished

zwlr_output_head_v1 4
> 3 release
< name s
< description s
< physical_size i i
< mode n:zwlr_output_mode_v1
< enabled i
< current_mode o:zwlr_output_mode_v1
< position i i
< transform i
< scale f
< finished
< 2 make s
< 2 model s
< 2 serial_number s
< 4 adaptive_sync u

zwlr_output_mode_v1 4
> 3 release
< size i i
< refresh i
< preferred
< finished

zwlr_output_configuration_v1 4 error: already_configured_head=1 unconfigured_head=2 already_used=3
> enable_head n:zwlr_output_configuration_head_v1 o:zwlr_output_head_v1
> disable_head o:zwlr_output_head_v1
> apply
> test
> destroy
< succeeded
< failed
< cancelled

zwlr_output_configuration_head_v1 4 error: already_set=1 invalid_mode=2 invalid_custom_mode=3 \
invalid_transform=4 invalid_scale=5 invalid_adaptive_sync_state=6
> set_mode o:zwlr_output_mode_v1
> set_custom_mode i i i
> set_position i i
> set_transform i
> set_scale f
> 4 set_adaptive_sync u

zwlr_output_power_manager_v1 1
> get_output_power n:zwlr_output_power_v1 o:wl_output
> destroy

zwlr_output_power_v1 1 error: invalid_mode=1
> set_mode u
> destroy
< mode u
< failed

zwlr_gamma_control_manager_v1 1
> get_gamma_control n:zwlr_gamma_control_v1 o:wl_output
> destroy

zwlr_gamma_control_v1 1 error: invalid_gamma=1
> set_gamma h
> destroy
< gamma_size u
< failed

zwlr_virtual_pointer_manager_v1 2
> create_virtual_pointer ?o:wl_seat n:zwlr_virtual_pointer_v1
> destroy
> 2 create_virtual_pointer_with_output ?o:wl_seat ?o:wl_output n:zwlr_virtual_pointer_v1

zwlr_virtual_pointer_v1 2 error: invalid_axis=0 invalid_axis_source=1
> motion u f f
> motion_absolute u u u u u
> button u u u
> axis u u f
> frame
> axis_source u
> axis_stop u u
> axis_discrete u u f i
> destroy

zwlr_data_control_manager_v1 2
> create_data_source n:zwlr_data_control_source_v1
> get_data_device n:zwlr_data_control_device_v1 o:wl_seat
> destroy

zwlr_data_control_device_v1 2 error: used_source=1
> set_selection ?o:zwlr_data_control_source_v1
> destroy
> 2 set_primary_selection ?o:zwlr_data_control_source_v1
< data_offer n:zwlr_data_control_offer_v1
< selection ?o:zwlr_data_control_offer_v1
< finished
< 2 primary_selection ?o:zwlr_data_control_offer_v1

zwlr_data_control_source_v1 1 error: invalid_offer=1
> offer s
> destroy
< send s h
< cancelled

zwlr_data_control_offer_v1 1
> receive s h
> destroy
< offer s

zwp_virtual_keyboard_manager_v1 1 error: unauthorized=0
> create_virtual_keyboard o:wl_seat n:zwp_virtual_keyboard_v1

zwp_virtual_keyboard_v1 1 error: no_keymap=0
> keymap u h u
> key u u u
> modifiers u u u u
> destroy

zwp_text_input_manager_v2 1
> destroy
> get_text_input n:zwp_text_input_v2 o:wl_seat

zwp_text_input_v2 1
> destroy
> enable o:wl_surface
> disable o:wl_surface
> show_input_panel
> hide_input_panel
> set_surrounding_text s i i
> set_content_type u u
> set_cursor_rectangle i i i i
> set_preferred_language s
> update_state u u
< enter u o:wl_surface
< leave u o:wl_surface
< input_panel_state u i i i i
< preedit_string s s
< preedit_styling u u u
< preedit_cursor i
< commit_string s
< cursor_position i i
< delete_surrounding_text u u
< modifiers_map a
< keysym u u u u
< language s
< text_direction u
< configure_surrounding_text i i
< input_method_changed u u

zwp_input_method_manager_v2 1
> get_input_method o:wl_seat n:zwp_input_method_v2
> destroy

zwp_input_method_v2 1 error: role=0
> commit_string s
> set_preedit_string s i i
> delete_surrounding_text u u
> commit u
> get_input_popup_surface n:zwp_input_popup_surface_v2 o:wl_surface
> grab_keyboard n:zwp_input_method_keyboard_grab_v2
> destroy
< activate
< deactivate
< surrounding_text s u u
< text_change_cause u
< content_type u u
< done
< unavailable

zwp_input_popup_surface_v2 1
> destroy
< text_input_rectangle i i i i

zwp_input_method_keyboard_grab_v2 1
> release
< keymap u h u
< key u u u u
< modifiers u u u u u
< repeat_info i i
"""
