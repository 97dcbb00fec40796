"""A form: a name, a colour, and a button that prints both. What `test_qt.py` tests."""

import sys

try:
    from PyQt5 import QtWidgets
except ImportError:
    from PySide6 import QtWidgets

application = QtWidgets.QApplication(sys.argv)
form = QtWidgets.QWidget()
form.setWindowTitle("Form")
form.setFixedSize(320, 200)

name = QtWidgets.QLineEdit(form)
name.setGeometry(20, 20, 280, 32)
colour = QtWidgets.QComboBox(form)
colour.addItems(["red", "green", "blue"])
colour.setGeometry(20, 70, 280, 32)
button = QtWidgets.QPushButton("Send", form)
button.setGeometry(20, 120, 120, 32)


def send():
    """Print what was entered."""
    print(f"{name.text()} likes {colour.currentText()}", flush=True)


button.clicked.connect(send)
name.returnPressed.connect(send)
form.show()
sys.exit(application.exec_() if hasattr(application, "exec_") else application.exec())
