DROP INDEX session_history_isp;;
CREATE INDEX session_history_isp ON session_history (isp_id, started_at, id);;
CREATE INDEX session_history_address ON session_history (isp_id, framed_ip, started_at);;
CREATE INDEX session_history_username ON session_history (isp_id, username, started_at);;
CREATE INDEX session_history_station ON session_history (isp_id, calling_station_id, started_at);;
CREATE INDEX session_history_nas ON session_history (isp_id, nas_id, started_at);;
