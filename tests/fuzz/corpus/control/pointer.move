0 {"jsonrpc":"2.0","id":6,"method":"pointer.move","params":{"x":-999999,"y":-999996}}
1 {"jsonrpc": "2.0", "id": "b", "method": "pointer.move"}
- advance 20
