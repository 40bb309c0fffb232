/// What clients ask all day: typing, reading, sorting and finding rooms and users.
extension BadRequestTable {
    static let reading: [BadRequest] = [
        BadRequest("PUT", "/rooms/{secret}/typing/{alice}", "{\"typing\":true}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/rooms/{profile}/typing/{alice}", "{\"typing\":true}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/rooms/{room}/typing/{bob}", "{\"typing\":true}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/rooms/{room}/typing/{alice}", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/rooms/{room}/typing/{alice}", "{\"typing\":true,\"timeout\":1.5}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/rooms/{secret}/receipt/m.read/{foreignEvent}", "{}", 403, "M_FORBIDDEN"),
        BadRequest("POST", "/rooms/{profile}/receipt/m.read/{event}", "{}", 403, "M_FORBIDDEN"),
        BadRequest("POST", "/rooms/{room}/receipt/m.read/{foreignEvent}", "{}", 404, "M_NOT_FOUND"),
        BadRequest("POST", "/rooms/{room}/receipt/m.seen/{event}", "{}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/rooms/{room}/receipt/m.read/event", "{}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/rooms/{room}/receipt/m.read/{event}", "{\"thread_id\":\"\"}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/rooms/{room}/receipt/m.read/{event}", "{\"thread_id\":null}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/rooms/{room}/receipt/m.fully_read/{event}", "{\"thread_id\":\"main\"}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/rooms/{room}/read_markers", "{\"m.fully_read\":\"event\"}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/rooms/{secret}/read_markers", "{}", 403, "M_FORBIDDEN"),
        BadRequest("POST", "/rooms/!none%3Alocalhost/read_markers", "{}", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/user/{bob}/rooms/{room}/tags/u.x", "{}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/user/{alice}/rooms/{secret}/tags/u.x", "{}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/user/{alice}/rooms/{room}/tags/u.x", "{\"order\":\"1\"}", 400, "M_BAD_JSON"),
    ]

    static let directories: [BadRequest] = [
        BadRequest("GET", "/directory/list/room/!none%3Alocalhost", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/directory/list/room/{profile}", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/directory/list/room/{profile}", "{}", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/directory/list/room/{secret}", "{}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/directory/list/room/{room}", "{\"visibility\":\"hidden\"}", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/publicRooms?since=p-1", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/publicRooms?limit=99999999999999999999", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/publicRooms?server=far.example", 404, "M_NOT_FOUND"),
        BadRequest("POST", "/publicRooms", "{\"filter\":{\"room_types\":\"m.space\"}}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/user_directory/search", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/user_directory/search", "{\"search_term\":\"x\",\"limit\":1.5}", 400, "M_BAD_JSON"),
    ]
}
