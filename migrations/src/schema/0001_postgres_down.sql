DROP FUNCTION IF EXISTS check_entry_balances();;
DROP FUNCTION IF EXISTS refuse_change();;
