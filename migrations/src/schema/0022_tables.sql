-- Files of earlier versions lie here in the clear, passwords and all.
UPDATE import_run SET content = '';;
