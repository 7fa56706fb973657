quarantine-about = bản ghi không đọc được, giữ nguyên cho đến khi đọc được
quarantine-all-sources = Mọi nguồn
quarantine-none = Không có bản ghi nào bị giữ: mọi thứ gửi đến đều đọc được.
quarantine-problem = Vì sao không đọc được
quarantine-choose = Chọn bản ghi { $id }
quarantine-again = Đọc lại
quarantine-record = Bản ghi { $id }
quarantine-to-list = Về Kiểm dịch
quarantine-position = Vị trí (byte)
quarantine-size = Kích thước
quarantine-cut = chỉ hiện phần đầu
quarantine-advice = Thường do định dạng đã chọn của nguồn không đúng. Sửa định dạng ở trang của nguồn rồi bấm «Đọc lại».
quarantine-text = Như văn bản
quarantine-hex = Như byte

done-quarantine-again = Đã đưa vào đọc lại.
done-quarantine-partly = Có bản ghi không đọc lại được: đã được đọc trước đó, hoặc trung tâm đang bận.
done-quarantine-none-chosen = Chưa chọn bản ghi nào.
