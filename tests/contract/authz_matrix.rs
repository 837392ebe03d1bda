//! Role by permission: what each has (`x`), what it may be granted (`+`).

use domain::authz::{Permission, RoleLevel, default_permissions, grantable};

use crate::golden::assert_golden;

#[test]
fn the_matrix_is_the_committed_one() {
    let mut text = String::from("x = has it, + = may be granted it\n\n");
    for (index, role) in RoleLevel::ALL.into_iter().enumerate() {
        text.push_str(&format!(
            "{:indent$}{}\n",
            "",
            role.as_str(),
            indent = 27 + index * 2
        ));
    }
    for permission in Permission::ALL {
        let cells = RoleLevel::ALL.map(|role| {
            if default_permissions(role).contains(*permission) {
                "x"
            } else if grantable(role).contains(*permission) {
                "+"
            } else {
                "."
            }
        });
        text.push_str(&format!("{:<27}{}\n", permission.as_str(), cells.join(" ")));
    }
    assert_golden("tests/golden/authz-matrix.txt", &text);
}
