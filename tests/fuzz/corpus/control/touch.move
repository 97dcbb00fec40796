0 {"jsonrpc":"2.0","id":6,"method":"touch.move","params":{"id":2,"x":-999918,"y":-999829}}
1 {"jsonrpc": "2.0", "id": "b", "method": "touch.move"}
- advance 20
